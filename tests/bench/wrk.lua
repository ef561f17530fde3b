-- Asks for each path of a list in turn, over kept connections; tells exact bytes at the end.
--   wrk ... -s wrk.lua URL -- LIST COOKIE
local paths, at = {}, 0

function init(arguments)
   for line in io.lines(arguments[1]) do
      paths[#paths + 1] = line
   end
   wrk.headers["Cookie"] = arguments[2]
   math.randomseed(os.time())
   at = math.random(#paths)
end

function request()
   at = at % #paths + 1
   return wrk.format("GET", paths[at])
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format('{"bytes":%d,"requests":%d,"seconds":%.6f,"errors":%d}\n', summary.bytes, summary.requests,
      summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
