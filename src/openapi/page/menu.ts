import { html } from 'hono/html'
import type { Html } from './html.ts'
import type { Placed } from './operation.ts'

/** A group of operations: its name, and what is in it. */
export type Group = { name: string; description: string; operations: readonly Placed[] }

/** The menu of the page: beside it, or on a phone over it. The search needs the script. */
export function renderMenu(groups: readonly Group[], objects: readonly string[]): Html {
  return html`<nav id="menu" aria-label="Contents" popover>
    <div class="search" hidden>
      <label for="search">Search <kbd>/</kbd></label>
      <input id="search" type="search" autocomplete="off" spellcheck="false" />
      <p class="quiet" role="status"></p>
    </div>
    <ul>
      <li><a href="#main">Introduction</a></li>
    </ul>
    ${groups.map(
      ({ name, operations }) =>
        html`<h2>${name}</h2>
          <ul>
            ${operations.map(
              ({ path, method, operation }) =>
                html`<li>
                  <a href="#${operation.operationId}"
                    >${operation.summary}
                    <small><b class="${method}">${method.toUpperCase()}</b> ${path}</small></a
                  >
                </li>`,
            )}
          </ul>`,
    )}
    <h2>Reference</h2>
    <ul>
      <li><a href="#errors">Errors</a></li>
      ${objects.map((name) => html`<li><a href="#object-${name}">${name}</a></li>`)}
    </ul>
  </nav>`
}
