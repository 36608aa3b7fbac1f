import type { Query } from './link.ts'

/** Hidden fields of a form; undefined values are left out. */
export function HiddenFields({ fields }: { fields: Query }) {
  return (
    <>
      {Object.entries(fields).map(
        ([name, value]) => value !== undefined && <input type="hidden" name={name} value={value} />,
      )}
    </>
  )
}
