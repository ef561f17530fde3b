/* Made by build/locale_plugin.mjs: the texts of one area of pages in one language. */
declare module 'locale:*' {
    const texts: Record<string, string>;
    export default texts;
}
