/** Leads to the page that asks whether a contact is to be forgotten. */
export function EraseButton({ contactId }: { contactId: string }) {
  return (
    <form action={erasePath(contactId)}>
      <button class="plain">Forget this contact …</button>
    </form>
  )
}

export function erasePath(contactId: string): string {
  return `/contact/${contactId}/forget`
}
