# Writes the numbered SQL files into one C file: cmake -DOUTPUT=... "-DSOURCES=a.sql;b.sql" -P embed_sql.cmake
# As bytes and not as string literals: those may be only 4095 characters long, and would need quoting.
set(texts "")
set(rows "")
set(expected 1)
foreach(source IN LISTS SOURCES)
    get_filename_component(file ${source} NAME)
    if(NOT file MATCHES "^([0-9][0-9][0-9])_([a-z0-9_]+)[.]sql$")
        message(FATAL_ERROR "'${file}' is not named NNN_name.sql")
    endif()
    set(number ${CMAKE_MATCH_1})
    set(name ${CMAKE_MATCH_2})
    string(REGEX REPLACE "^0+" "" version "${number}")
    if(NOT version STREQUAL expected)
        message(FATAL_ERROR "Migration ${expected} is missing: found '${file}'")
    endif()
    math(EXPR expected "${expected} + 1")
    file(READ ${source} bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n    " bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND texts "static const char script_${number}[] = {\n    ${bytes}0x00,\n};\n\n")
    string(APPEND rows "    { ${version}, \"${name}\", script_${number} },\n")
endforeach()
file(WRITE ${OUTPUT}
    "/* Made by embed_sql.cmake from src/store/sql. */\n#include \"store/migrations.h\"\n\n"
    "${texts}const struct migration migrations[] = {\n${rows}};\n"
    "const size_t migration_count = sizeof migrations / sizeof migrations[0];\n")
