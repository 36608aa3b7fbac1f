import type { QuarantineKey } from '../../db/quarantine/changes.ts'
import type { Query } from '../../web/link.ts'
import { shorten } from '../../web/event-text.ts'

/** The page of one element. */
export function quarantineLink({ request, elementIndex }: QuarantineKey): string {
  return `/set-aside/${encodeURIComponent(request)}/${elementIndex}`
}

/** What can be done about one element. */
export function ElementActions({ element }: { element: QuarantineKey }) {
  const path = quarantineLink(element)
  return (
    <div class="inline">
      <form method="post" action={`${path}/replay`}>
        <button>Try again</button>
      </form>
      <form action={`${path}/discard`}>
        <button class="plain">Discard …</button>
      </form>
    </div>
  )
}

/** What can be done about all of a reason. @param total how many those are, where that is known */
export function ReasonActions({ reason, total }: { reason: string; total: number | undefined }) {
  const named = shorten(reason, 100)
  return (
    <div class="inline">
      <form method="post" action="/set-aside/replay">
        <HiddenFields fields={{ reason, total }} />
        <button class="plain" aria-label={`Try again: ${named}`}>
          Try again
        </button>
      </form>
      <form action="/set-aside/discard">
        <HiddenFields fields={{ reason }} />
        <button class="plain" aria-label={`Discard …: ${named}`}>
          Discard …
        </button>
      </form>
    </div>
  )
}

/**
 * A form that asks for the next step of what was begun.
 *
 * @param path that it posts to
 * @param isOnward whether the page's script presses it, while it is looked at
 */
export function StepForm({
  path,
  fields = {},
  label,
  isOnward = false,
}: {
  path: string
  fields?: Query
  label: string
  isOnward?: boolean
}) {
  return (
    <form method="post" action={path} data-onward={isOnward ? '' : undefined}>
      <HiddenFields fields={fields} />
      <button>{label}</button>
    </form>
  )
}

/** What a form sends beside what is typed; what is undefined is left out. */
export function HiddenFields({ fields }: { fields: Query }) {
  return (
    <>
      {Object.entries(fields).map(
        ([name, value]) => value !== undefined && <input type="hidden" name={name} value={value} />,
      )}
    </>
  )
}
