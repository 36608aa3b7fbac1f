import { app } from '../../src/app.ts'

const SENDING_MS = 20

/** A queue that keeps what it was sent as bytes for as long as a real one takes, and does nothing with it. */
const queue = {
  send: (body: string) => hold([body]),
  sendBatch: (messages: Iterable<MessageSendRequest<string>>) =>
    hold([...messages].map(({ body }) => body)),
}

async function hold(texts: readonly string[]): Promise<void> {
  const bytes = texts.map((text) => new TextEncoder().encode(text))
  await new Promise((resolve) => setTimeout(resolve, SENDING_MS, bytes))
}

/** The receiver without all that happens behind its queue: what a request costs, and nothing else. */
export default {
  fetch(request, env, context) {
    const changed = { ...env, ACTIVITY_QUEUE: queue as unknown as Queue }
    return app.fetch(request, changed, context)
  },
} satisfies ExportedHandler<Env>
