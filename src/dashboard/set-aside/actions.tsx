import type { SetAsideKey } from '../../store/quarantine-changes.ts'
import { shorten } from '../recent/event-text.ts'

/** The page of one element. */
export function setAsideLink({ request, elementIndex }: SetAsideKey): string {
  return `/set-aside/${encodeURIComponent(request)}/${elementIndex}`
}

/** What can be done about one element. */
export function ElementActions({ element }: { element: SetAsideKey }) {
  const path = setAsideLink(element)
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

/** What can be done about all of a reason. */
export function ReasonActions({ reason }: { reason: string }) {
  const named = shorten(reason, 100)
  const field = <input type="hidden" name="reason" value={reason} />
  return (
    <div class="inline">
      <form method="post" action="/set-aside/replay">
        {field}
        <button class="plain" aria-label={`Try again: ${named}`}>
          Try again
        </button>
      </form>
      <form action="/set-aside/discard">
        {field}
        <button class="plain" aria-label={`Discard …: ${named}`}>
          Discard …
        </button>
      </form>
    </div>
  )
}

/** A form that asks for the next step of what was begun. @param path that it posts to */
export function StepForm({
  path,
  reason,
  cursor,
  label,
}: {
  path: string
  reason?: string | undefined
  cursor?: string | undefined
  label: string
}) {
  return (
    <form method="post" action={path}>
      {reason !== undefined && <input type="hidden" name="reason" value={reason} />}
      {cursor !== undefined && <input type="hidden" name="cursor" value={cursor} />}
      <button>{label}</button>
    </form>
  )
}
