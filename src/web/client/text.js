// The texts of scripts, in the language of the page: the layout puts them into an element.

const texts = JSON.parse(document.getElementById('texts')?.textContent || '{}')

export function text(name) {
  return texts[name] ?? ''
}
