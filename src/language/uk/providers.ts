import type { providers as english } from '../en/providers.ts'
import type { Translation } from '../translation.ts'

/** The results by mailbox provider. */
export const providers: Translation<typeof english> = {
  'providers.title': 'Поштові сервіси',
  'providers.table': 'Результати за поштовими сервісами',
  'providers.provider': 'Сервіс',
  'providers.cause': '{cause}: {events}',
  'providers.none': 'За цей період листів немає.',
  'providers.noneYet': 'За цей період листів немає. <link>Показати останні 30 днів</link>',
  'providers.first': 'Показано перші {count, number}; у файлі CSV їх більше.',
}
