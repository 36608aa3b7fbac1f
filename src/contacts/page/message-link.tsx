import { useViewer } from '../../web/viewer.tsx'
import type { Message } from '../explanation.ts'
import { messageName } from '../sentences.ts'

/** The name of a message, with a link to its campaign. */
export function MessageLink({ message }: { message: Message }) {
  const { text } = useViewer()
  const name = messageName(message, text)
  if (message.messageId === null) return <>{name}</>
  return <a href={`/campaigns/${message.messageId}`}>{name}</a>
}
