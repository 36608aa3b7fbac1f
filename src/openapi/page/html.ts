import { html } from 'hono/html'

/** A part of the page, already escaped. */
export type Html = ReturnType<typeof html>

/** Text with code between backticks. */
export function renderText(text: string): Html[] {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}
