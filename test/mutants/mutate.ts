import { parseSync } from 'oxc-parser'
import { isSql, listSqlEdits } from './mutate-sql.ts'

/** A syntax node; its other fields depend on the type. */
export type Node = { type: string; start: number; end: number; [field: string]: unknown }

/** A replaced piece of a source text. */
export type Edit = { kind: string; start: number; end: number; replacement: string }

/** A change of a source file that tests should notice. */
export type Mutant = Edit & {
  file: string
  line: number
  /** The changed lines as one, without and with the change. */
  before: string
  after: string
}

const OPPOSITES: Record<string, string> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&&': '||',
  '||': '&&',
  '+=': '-=',
  '-=': '+=',
  min: 'max',
  max: 'min',
  some: 'every',
  every: 'some',
}

/** Methods that return their object changed, or a part of it: without the call, it stays whole. */
const NARROWING = new Set(
  'filter flat reverse slice sort toLowerCase toReversed toSorted toUpperCase trim trimEnd trimStart'.split(
    ' ',
  ),
)

/** Types and imports have no behavior, and what the log says is for people. */
const SKIPPED = /^(TS(?!As|Satisfies|NonNull)|Import|ExportAll)/

const CONSTANT = /^[A-Z][A-Z\d_]*$/

/** All mutants of a source file, in the order of their place. */
export function listMutants(file: string, source: string): Mutant[] {
  const { program, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  const edits: Edit[] = []
  visit(program as unknown as Node, { source, isConstant: false, isForPeople: false }, edits)
  if (file.includes('/db/')) edits.push(...listSqlEdits(program as unknown as Node, source))
  return edits
    .toSorted((one, other) => one.start - other.start)
    .filter((edit) => parseSync(file, applyEdit(source, edit)).errors.length === 0)
    .map((edit) => describe(file, source, edit))
    .filter(({ before, after }) => before !== after)
}

export function applyEdit(source: string, { start, end, replacement }: Edit): string {
  return source.slice(0, start) + replacement + source.slice(end)
}

function describe(file: string, source: string, edit: Edit): Mutant {
  const from = source.lastIndexOf('\n', edit.start - 1) + 1
  const until = source.indexOf('\n', edit.end)
  const lines = source.slice(from, until)
  const changed = applyEdit(lines, { ...edit, start: edit.start - from, end: edit.end - from })
  const line = source.slice(0, edit.start).split('\n').length
  return { ...edit, file, line, before: toOneLine(lines), after: toOneLine(changed) }
}

function toOneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

/** What is known about the place of a node. */
type Place = {
  source: string
  /** Inside the value of a constant of the file. */
  isConstant: boolean
  /** Inside an error, whose text a person reads. */
  isForPeople: boolean
}

function visit(node: Node, place: Place, edits: Edit[]): void {
  if (SKIPPED.test(node.type) || isLog(node)) return
  edits.push(...editsOf(node, place))
  const inside = {
    source: place.source,
    isConstant: place.isConstant || isConstantDeclarator(node),
    isForPeople: place.isForPeople || isError(node),
  }
  for (const child of childrenOf(node)) if (!isSubject(child, node)) visit(child, inside, edits)
}

export function childrenOf(node: Node): Node[] {
  const isNamed = node['computed'] === false
  return Object.entries(node)
    .filter(([field]) => !(isNamed && (field === 'key' || field === 'property')))
    .flatMap(([, value]) => value)
    .filter(
      (value): value is Node => typeof value === 'object' && value !== null && 'type' in value,
    )
}

/** What `withTimeout` waits for is a text of its error. */
function isSubject(child: Node, { type, callee, arguments: values }: Node): boolean {
  return (
    type === 'CallExpression' && nameOf(callee) === 'withTimeout' && (values as Node[])[0] === child
  )
}

function isLog({ type, callee }: Node): boolean {
  return type === 'CallExpression' && nameOf(callee) === 'log'
}

function isError({ type, callee }: Node): boolean {
  return type === 'NewExpression' && nameOf(callee).endsWith('Error')
}

function isConstantDeclarator({ type, id }: Node): boolean {
  return type === 'VariableDeclarator' && CONSTANT.test(nameOf(id))
}

/** The name of an identifier, or of the member that an expression reads; empty for other nodes. */
function nameOf(node: unknown): string {
  const { type, name, property } = node as Node
  if (type === 'Identifier') return String(name)
  return type === 'MemberExpression' ? nameOf(property) : ''
}

/** The edits of a node itself. */
function editsOf(node: Node, place: Place): Edit[] {
  switch (node.type) {
    case 'BinaryExpression':
    case 'AssignmentExpression':
      return editOperator(node, place)
    case 'LogicalExpression':
      return editLogical(node, place)
    case 'IfStatement':
    case 'ConditionalExpression':
      return ['true', 'false'].map((value) => replace('condition', node['test'], value))
    case 'WhileStatement':
      return [replace('condition', node['test'], 'false')]
    case 'UnaryExpression':
      return node['operator'] === '!'
        ? [replace('negation', node, textOf(node['argument'], place))]
        : []
    case 'ExpressionStatement':
      return node['directive'] || isLog(node['expression'] as Node)
        ? []
        : [replace('statement', node, ';')]
    case 'ThrowStatement':
    case 'ContinueStatement':
    case 'BreakStatement':
      return [replace('statement', node, ';')]
    case 'Literal':
      return editLiteral(node, place)
    case 'ArrayExpression':
      return (node['elements'] as unknown[]).length > 0 ? [replace('list', node, '[]')] : []
    case 'CallExpression':
      return editCall(node, place)
    default:
      return []
  }
}

function replace(kind: string, node: unknown, replacement: string): Edit {
  const { start, end } = node as Node
  return { kind, start, end, replacement }
}

function textOf(node: unknown, { source }: Place): string {
  const { start, end } = node as Node
  return source.slice(start, end)
}

function editOperator(node: Node, { source }: Place): Edit[] {
  const { operator, left, right } = node as Node & { operator: string; left: Node; right: Node }
  const opposite = OPPOSITES[operator]
  const isText = [left, right].some(isString)
  if (opposite === undefined || isText) return []
  const start = source.indexOf(operator, left.end)
  return [{ kind: operator, start, end: start + operator.length, replacement: opposite }]
}

function isString({ type, value }: Node): boolean {
  return type === 'TemplateLiteral' || (type === 'Literal' && typeof value === 'string')
}

function editLogical(node: Node, place: Place): Edit[] {
  const { operator, left } = node as Node & { operator: string; left: Node }
  if (operator === '??') return [replace('??', node, textOf(left, place))]
  const start = place.source.indexOf(operator, left.end)
  const replacement = OPPOSITES[operator] ?? operator
  return [{ kind: 'logic', start, end: start + operator.length, replacement }]
}

function editLiteral(node: Node, { isConstant, isForPeople }: Place): Edit[] {
  const { value } = node
  if (typeof value === 'boolean') return [replace('boolean', node, String(!value))]
  if (typeof value === 'string') {
    return value === '' || isForPeople || isSql(value) ? [] : [replace('text', node, "''")]
  }
  if (typeof value !== 'number') return []
  if (isConstant && value > 1) return [replace('constant', node, String(value * 2))]
  return [value + 1, ...(value > 0 ? [value - 1] : [])].map((each) =>
    replace('number', node, String(each)),
  )
}

function editCall(node: Node, place: Place): Edit[] {
  const callee = node['callee'] as Node
  if (callee.type !== 'MemberExpression') return []
  const edits: Edit[] = []
  const name = nameOf(callee)
  if (NARROWING.has(name)) edits.push(replace('call', node, textOf(callee['object'], place)))
  const opposite = OPPOSITES[name]
  if (opposite !== undefined) edits.push(replace('call', callee['property'], opposite))
  return edits
}
