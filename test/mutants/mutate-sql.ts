import { childrenOf, type Edit, type Node } from './mutate.ts'

const SQL = /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|AND|ORDER BY|EXISTS)\b/

/** A condition on a line of its own. */
const CONDITION = /^[ ]*(?:AND|OR) [^`\n]*/gm

/** What has another meaning in SQL when it is replaced. */
const REPLACED: readonly [RegExp, string][] = [
  [/(?<= )<(?= )/g, '<='],
  [/(?<= )<=(?= )/g, '<'],
  [/(?<= )>(?= )/g, '>='],
  [/(?<= )>=(?= )/g, '>'],
  [/(?<=\b(?:WHERE|AND|OR|ON|WHEN|HAVING)\b[^,\n]* )=(?= )/g, '!='],
  [/\bIS NOT\b/g, 'IS'],
  [/\bIS\b(?! NOT\b)/g, 'IS NOT'],
  [/\bNOT EXISTS\b/g, 'EXISTS'],
  [/(?<!NOT )\bEXISTS\b/g, 'NOT EXISTS'],
  [/(?<!\bBETWEEN\b[^\n]*)\bAND\b/g, 'OR'],
  [/\bOR\b(?! (?:IGNORE|REPLACE)\b)/g, 'AND'],
  [/\bmin(?=\()/g, 'max'],
  [/\bmax(?=\()/g, 'min'],
  [/\bDISTINCT /g, ''],
  [/ DESC\b/g, ''],
  [/(?<= )\+(?= )/g, '-'],
  [/(?<= )-(?= )/g, '+'],
]

export function isSql(text: string): boolean {
  return SQL.test(text)
}

/** The edits of the SQL in a source file. */
export function listSqlEdits(node: Node, source: string): Edit[] {
  if (node.type === 'TemplateLiteral' || node.type === 'Literal') {
    const text = source.slice(node.start, node.end)
    return isSql(text) ? editSql(text, node) : []
  }
  return childrenOf(node).flatMap((child) => listSqlEdits(child, source))
}

function editSql(text: string, node: Node): Edit[] {
  const quasis = (node['quasis'] as Node[] | undefined) ?? [node]
  const isText = (at: number) =>
    quasis.some(({ start, end }) => start <= node.start + at && node.start + at < end)
  const removed = Array.from(text.matchAll(CONDITION), ({ index, 0: line }) => ({
    kind: 'SQL condition',
    start: node.start + index,
    end: node.start + index + line.length,
    replacement: '',
  })).filter(({ start, end }) => isBalanced(text.slice(start - node.start, end - node.start)))
  const replaced = REPLACED.flatMap(([pattern, replacement]) =>
    Array.from(text.matchAll(pattern), ({ index, 0: found }) => ({
      kind: `SQL ${found.trim()}`,
      start: node.start + index,
      end: node.start + index + found.length,
      replacement,
    })),
  )
  return [...removed, ...replaced].filter(({ start }) => isText(start - node.start))
}

/** Whether each bracket of a text has its other one in it. */
function isBalanced(text: string): boolean {
  const count = (brackets: RegExp) => text.match(brackets)?.length ?? 0
  return count(/[({]/g) === count(/[)}]/g)
}
