import { parseSync } from 'oxc-parser'
import { applyEdit, childrenOf, type Edit, type Node } from './mutate.ts'

/** The body of a function, and its ID. */
type Body = { id: string; start: number; end: number; isBlock: boolean }

/** A source file in which every function records on `globalThis.reached` that it was called. */
export function addProbes(file: string, source: string): string {
  return listBodies(file, source)
    .flatMap(({ id, start, end, isBlock }): Edit[] => {
      const probe = `(globalThis.reached ??= {})[${JSON.stringify(id)}] = 1`
      if (isBlock) return [insert(start + 1, ` ${probe};`)]
      return [insert(start, `(${probe}, `), insert(end, ')')]
    })
    .toSorted((one, other) => other.start - one.start)
    .reduce(applyEdit, source)
}

/** The ID of the innermost function around a place; undefined if it is in none, so runs when the file is imported. */
export function findFunction(file: string, source: string, at: number): string | undefined {
  return listBodies(file, source).findLast(({ start, end }) => start <= at && at < end)?.id
}

function insert(at: number, replacement: string): Edit {
  return { kind: 'probe', start: at, end: at, replacement }
}

/** The functions of a file in the order in which they begin. */
function listBodies(file: string, source: string): Body[] {
  const visit = (node: Node): Body[] => {
    const inside = childrenOf(node).flatMap(visit)
    const body = node['body'] as Node | null | undefined
    if (!/^(Arrow)?Function/.test(node.type) || !body) return inside
    const { start, end, type } = body
    return [
      {
        id: `${file}#${start}`,
        start,
        end,
        isBlock: type === 'FunctionBody' || type === 'BlockStatement',
      },
      ...inside,
    ]
  }
  return visit(parseSync(file, source).program as unknown as Node)
}
