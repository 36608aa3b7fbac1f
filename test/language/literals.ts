import { parseSync } from 'oxc-parser'

type Node = { type: string; [name: string]: unknown }

/** Attributes that a person reads or hears. */
const READ_BY_PEOPLE = new Set(['alt', 'aria-label', 'label', 'none', 'placeholder', 'title'])

const LETTERS = /\p{L}{2}/u

/** The texts for people that a file with JSX contains itself, instead of taking them from a catalogue. */
export function listLiterals(source: string): string[] {
  const { program, errors } = parseSync('page.tsx', source)
  if (errors.length > 0) throw new Error(errors[0]?.message)
  const found: string[] = []
  const note = (text: unknown) => {
    if (typeof text === 'string' && LETTERS.test(text)) found.push(text.trim())
  }
  visit(program, (node) => {
    if (node.type === 'JSXText') note(node['value'])
    if (node.type === 'JSXExpressionContainer' || node.type === 'JSXAttribute') {
      const name = (node['name'] as { name?: string } | undefined)?.name
      if (name !== undefined && !READ_BY_PEOPLE.has(name)) return false
      for (const text of listStrings(node)) note(text)
      return name === undefined // elements in an expression have attributes and texts of their own
    }
    return true
  })
  return found
}

/** The strings of an expression, without keys of texts and of properties, and without elements in it. */
function listStrings(root: Node): string[] {
  const found: string[] = []
  visit(root, (node) => {
    if (node === root || isValueOf(root, node)) return true
    if (/^(JSX|CallExpression|MemberExpression|BinaryExpression)/.test(node.type)) return false
    if (node.type === 'Literal' && typeof node['value'] === 'string') found.push(node['value'])
    if (node.type === 'TemplateElement') {
      found.push((node['value'] as { cooked: string }).cooked)
    }
    return true
  })
  return found
}

function isValueOf(attribute: Node, node: Node): boolean {
  return node.type === 'JSXExpressionContainer' && attribute['value'] === node
}

/** Visits the nodes of a tree. @param enter whether to go on to the nodes in this one */
function visit(node: unknown, enter: (node: Node) => boolean): void {
  if (Array.isArray(node)) {
    for (const each of node) visit(each, enter)
  } else if (typeof node === 'object' && node !== null) {
    if ('type' in node && typeof node.type === 'string' && !enter(node as Node)) return
    for (const each of Object.values(node)) visit(each, enter)
  }
}
