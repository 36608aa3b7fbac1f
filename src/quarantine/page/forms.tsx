import type { QuarantineKey } from '../../db/quarantine/changes.ts'
import { shorten } from '../../platform/cut-text.ts'
import { HiddenFields } from '../../web/hidden-fields.tsx'
import type { Query } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'
import { formatId } from '../../http/item-id.ts'

/** The path of an item's page. */
export function itemPath(key: QuarantineKey): string {
  return `/quarantine/${formatId(key)}`
}

/** The actions for one item. */
export function ItemActions({ item }: { item: QuarantineKey }) {
  const { text } = useViewer()
  const path = itemPath(item)
  return (
    <div class="inline">
      <StepForm path={`${path}/replay`} label={text('quarantine.retry')} />
      <form action={`${path}/delete`}>
        <button class="plain">{text('quarantine.delete')}</button>
      </form>
    </div>
  )
}

/** The actions for all items of a reason. @param total the number of items, if it is known */
export function ReasonActions({ reason, total }: { reason: string; total: number | undefined }) {
  const { text } = useViewer()
  const name = shorten(reason, 100)
  return (
    <div class="inline">
      <form method="post" action="/quarantine/replay">
        <HiddenFields fields={{ reason, total }} />
        <button class="plain" aria-label={text('quarantine.retryReason', { reason: name })}>
          {text('quarantine.retry')}
        </button>
      </form>
      <form action="/quarantine/delete">
        <HiddenFields fields={{ reason }} />
        <button class="plain" aria-label={text('quarantine.deleteReason', { reason: name })}>
          {text('quarantine.delete')}
        </button>
      </form>
    </div>
  )
}

/**
 * The form for the next step of an action.
 *
 * @param path the path that it posts to
 * @param isAutomatic whether the page's script submits it, while the page is visible
 */
export function StepForm({
  path,
  fields = {},
  label,
  isAutomatic = false,
}: {
  path: string
  fields?: Query
  label: string
  isAutomatic?: boolean
}) {
  return (
    <form method="post" action={path} data-next-step={isAutomatic ? '' : undefined}>
      <HiddenFields fields={fields} />
      <button>{label}</button>
    </form>
  )
}
