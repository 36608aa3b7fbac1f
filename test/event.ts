let made = 0

/** An event as Yespo sends it; each is of another delivery unless the changes say otherwise. */
export function buildEvent(changes: Record<string, unknown> = {}): Record<string, unknown> {
  made++
  return {
    iid: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    activityStatus: 'DELIVERED',
    activityDateTime: '2023-09-14T08:30:03',
    contactId: 889891911,
    email: 'contact@example.com',
    mediaType: 'email',
    messageId: 2489300,
    ...changes,
  }
}
