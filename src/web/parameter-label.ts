/** Readable names of parameters, where they are not just the words of the name. */
const LABELS: Readonly<Record<string, string>> = {
  activityDateTime: 'Time',
  activityStatus: 'Status',
  clickEventLink: 'Link',
  externalCustomerId: 'Customer ID',
  from: 'Sender',
  iid: 'Delivery ID',
  imId: 'Individual message ID',
  mediaType: 'Channel',
  messageLanguageCode: 'Language',
  messageName: 'Message',
  messageTag: 'Tag',
  mobilepush: 'Mobile push token',
  origin: 'Source',
  osName: 'OS',
  osType: 'OS type',
  sms: 'Phone',
  statusDescription: 'Description',
  webpush: 'Web push token',
}

/** A parameter's name for people: `Contact ID` for `contactId`. */
export function labelOf(name: string): string {
  const label = Object.hasOwn(LABELS, name) ? LABELS[name] : undefined
  if (label !== undefined) return label
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1).replaceAll(/\bid\b/g, 'ID')
}
