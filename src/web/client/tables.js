// Tables whose rows are cards on a phone, unless they fit it.

const MIN_COLUMNS = 4

// The style sheet shows the name of a column in each of its cells.
export function labelCells(root) {
  for (const table of root.querySelectorAll('.scroll > table:not(.fits)')) {
    const heads = [...table.querySelectorAll('thead th, thead td')].map(headOf)
    if (heads.length < MIN_COLUMNS && !table.classList.contains('stacked')) continue
    table.classList.add('stacked')
    for (const row of table.querySelectorAll('tbody > tr, tfoot > tr')) {
      const cells = [...row.children]
      if (cells.length !== heads.length) continue
      for (const [index, cell] of cells.entries()) {
        if (heads[index] && !cell.dataset.label) cell.dataset.label = heads[index]
      }
    }
  }
}

function headOf(head) {
  return (head.dataset.label ?? head.textContent).trim()
}
