/** The style of the page `/docs`. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5d9df, #3a4048); --soft: light-dark(#f4f5f7, #1d2126);
  --quiet: light-dark(#59616c, #a2abb6); --mark: light-dark(#0b5fbd, #7db8ff); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: light-dark(#fff, #14171a);
  color: light-dark(#1a1d21, #e6e9ed); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin: 2rem 0 0; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .5rem 0; max-width: 45rem; }
a { color: var(--mark); }
code, pre { font: .875rem/1.45 ui-monospace, Menlo, Consolas, monospace; }
pre { margin: .5rem 0; padding: .75rem; border-radius: .375rem; background: var(--soft);
  white-space: pre-wrap; overflow-wrap: anywhere; }
.answer { max-height: 30rem; overflow: auto; }
.token { margin: 1rem 0; padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
.quiet, small { color: var(--quiet); font-size: .875rem; }
small { display: block; line-height: 1.35; }
label { display: block; font-weight: 600; }
input, select, button { font: inherit; width: 100%; min-height: 2.5rem; padding: .25rem .5rem; color: inherit;
  border: 1px solid light-dark(#8a929d, #6d7681); border-radius: .375rem; background: light-dark(#fff, #1d2126); }
input::placeholder { color: var(--quiet); opacity: 1; }
button { width: auto; padding: .25rem 1rem; font-weight: 600; cursor: pointer; color: light-dark(#fff, #14171a);
  background: var(--mark); border-color: var(--mark); }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: .375rem; }
summary { padding: .6rem .75rem; cursor: pointer; overflow-wrap: anywhere; }
summary span { color: var(--quiet); }
details > div { padding: 0 .75rem .75rem; }
.fields { display: grid; gap: .9rem 1.25rem; margin: .75rem 0 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); }
dl { columns: 20rem; margin: .5rem 0; } dt { padding-top: .4rem; break-after: avoid; } dd { margin: 0; color: var(--quiet); font-size: .875rem; }
`
