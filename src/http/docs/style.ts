/** The style of the page at /docs. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d7dde5; --back: #fbfcfd; --card: #fff; --code: #f2f5f8; --accent: #1858c4; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9f0; --soft: #9aa6b6; --line: #323b48; --back: #12161c; --card: #1a2029; --code: #11161d; --accent: #82b1ff; --bad: #ff9a92; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 0 1.25rem 4rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); }
h1 { font-size: 1.6rem; margin: 1.5rem 0 .25rem; } h1 small { font-size: .9rem; font-weight: 400; color: var(--soft); }
h2 { font-size: 1.15rem; margin: 2rem 0 .1rem; text-transform: capitalize; } h2 + p { margin: 0 0 .6rem; color: var(--soft); }
h3 { font-size: .95rem; margin: 1rem 0 .3rem; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .4rem .8rem; }
form#access { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.filter { display: block; margin: .75rem 0 0; }
input, textarea, select, button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .35rem; padding: .3rem .55rem; }
textarea { width: 100%; min-height: 9rem; font: .85rem/1.45 ui-monospace, monospace; }
button { cursor: pointer; border-color: var(--accent); color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
details.operation { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: .45rem 0; }
details.operation > summary { cursor: pointer; padding: .55rem .8rem; display: flex; flex-wrap: wrap; gap: .7rem; align-items: baseline; }
details.operation > div { padding: 0 .9rem .9rem; border-top: 1px solid var(--line); }
.method { font: 600 .78rem ui-monospace, monospace; min-width: 4.2rem; color: var(--accent); }
.path { font: .92rem ui-monospace, monospace; overflow-wrap: anywhere; } .words { color: var(--soft); }
.field { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .15rem .8rem; margin: .35rem 0; align-items: center; }
.field small { grid-column: 2; color: var(--soft); }
pre { background: var(--code); border: 1px solid var(--line); border-radius: .35rem; padding: .6rem .75rem; overflow: auto; max-height: 26rem; font: .83rem/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.bad { color: var(--bad); }
`
