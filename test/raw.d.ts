declare module '*?raw' {
  const text: string
  export default text
}

interface ImportMeta {
  /** The texts of files, by their paths. */
  glob(
    pattern: string,
    options: { query: '?raw'; import: 'default'; eager: true },
  ): Record<string, string>
}
