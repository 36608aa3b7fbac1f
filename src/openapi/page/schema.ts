import { html } from 'hono/html'
import type { ApiDocument } from '../openapi.ts'
import type { JsonSchema } from '../schemas.ts'
import { renderText, type Html } from './html.ts'

type Schemas = ApiDocument['components']['schemas']

const REFERENCE = '#/components/schemas/'

/** Renders the schemas of a document: one that is used once where it is used, others once under “Objects”. */
export class SchemaRenderer {
  readonly #schemas: Schemas
  readonly #shared: ReadonlySet<string>

  constructor(api: ApiDocument) {
    this.#schemas = api.components.schemas
    const { paths } = api
    const text = JSON.stringify({ paths, schemas: this.#schemas })
    const uses = Array.from(
      text.matchAll(/"#\/components\/schemas\/(\w+)"/g),
      ([, name = '']) => name,
    )
    this.#shared = new Set(uses.filter((name, index) => uses.indexOf(name) !== index))
  }

  /** The objects that several operations or objects have. */
  renderObjects(): Html[] {
    return [...this.#shared].toSorted().map((name) => {
      const { [name]: schema = {} } = this.#schemas
      return html`<section class="object" id="object-${name}">
        <h3>${name}</h3>
        ${this.#renderMembers(schema)}
      </section>`
    })
  }

  /** The names of these objects, for a menu. */
  get objects(): string[] {
    return [...this.#shared].toSorted()
  }

  /** The type of a value, and its members if it has any. */
  render(schema: JsonSchema): Html {
    return html`<p class="quiet">${this.#renderType(schema)}</p>
      ${this.#renderMembers(schema)}`
  }

  #renderMembers(schema: JsonSchema): Html | '' {
    const { properties = {}, required = [] } = this.#findObject(schema) ?? {}
    const members = Object.entries(properties)
    if (members.length === 0) return ''
    return html`<ul class="members">
      ${members.map(([name, member]) => {
        const own = typeof member === 'object' ? member : {}
        return html`<li>
          <code>${name}</code>
          <span class="quiet"
            >${this.#renderType(own)}${!required.includes(name) && ', optional'}</span
          >
          ${own.description && html`<small>${renderText(own.description)}</small>`}
          ${this.#renderMembers(own)}
        </li>`
      })}
    </ul>`
  }

  /** The object in a schema whose members are shown: itself, or that of its items or values. */
  #findObject(schema: JsonSchema): JsonSchema | undefined {
    if (schema.properties) return isPlain(schema) ? undefined : schema
    if (schema.$ref !== undefined) {
      const name = nameOf(schema.$ref)
      return this.#shared.has(name) ? undefined : this.#findObject(this.#schemas[name] ?? {})
    }
    const { items, additionalProperties, anyOf = [] } = schema
    const inner = [items, additionalProperties, ...anyOf].filter(isSchema)
    return inner.map((each) => this.#findObject(each)).find((each) => each !== undefined)
  }

  #renderType(schema: JsonSchema): Html {
    if (schema.$ref !== undefined) {
      const name = nameOf(schema.$ref)
      return this.#shared.has(name)
        ? html`<a href="#object-${name}">${name}</a>`
        : this.#renderType(this.#schemas[name] ?? {})
    }
    const { anyOf, items, additionalProperties: values, prefixItems } = schema
    if (schema.enum) return html`${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}`
    if (schema.const !== undefined) return html`${JSON.stringify(schema.const)}`
    if (anyOf) return this.#join(anyOf, ' or ')
    if (prefixItems) return html`list of ${this.#join(prefixItems, ', ')}`
    if (isSchema(items)) return html`list of ${this.#renderType(items)}`
    if (isSchema(values) && !schema.properties) return html`map of ${this.#renderType(values)}`
    if (isPlain(schema)) return html`{ ${describePlain(schema)} }`
    return html`${[schema.type ?? 'any value'].flat().join(' or ')}`
  }

  #join(schemas: readonly unknown[], between: string): Html {
    return html`${schemas.filter(isSchema).map((each, index) => html`${index > 0 && between}${this.#renderType(each)}`)}`
  }
}

const MAX_PLAIN = 4 // members that one line can hold

/** Whether an object has few members, which their names and types describe. */
function isPlain({ properties = {} }: JsonSchema): boolean {
  const members = Object.values(properties).filter(isSchema)
  const isSimple = ({ type, description, properties, items, enum: values }: JsonSchema) =>
    type !== undefined && !description && !properties && !items && !values
  return members.length > 0 && members.length <= MAX_PLAIN && members.every(isSimple)
}

function describePlain({ properties = {}, required = [] }: JsonSchema): string {
  const members = Object.entries(properties).map(([name, member]) => {
    const type = isSchema(member) ? [member.type].flat().join(' or ') : ''
    return `${name}${required.includes(name) ? '' : '?'}: ${type}`
  })
  return members.join(', ')
}

function nameOf(reference: string): string {
  return reference.replace(REFERENCE, '')
}

function isSchema(schema: unknown): schema is JsonSchema {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema)
}
