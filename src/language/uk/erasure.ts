import type { erasure as english } from '../en/erasure.ts'
import type { Translation } from '../translation.ts'

/** Texts of erasures. */
export const erasure: Translation<typeof english> = {
  'erasure.title': 'Стерти персональні дані контакту {id}?',
  'erasure.irrevocable': 'Скасувати це буде неможливо.',
  'erasure.unknown':
    'Контакту з таким ID немає. Якщо його згадано лише в архіві чи карантині, скористайтеся DELETE /contacts/[contactId] в API.',
  'erasure.goes': 'Буде стерто',
  'erasure.goes.events':
    '{isMore, select, yes {понад {count, plural, one {# подію} few {# події} many {# подій} other {# події}}} other {{count, plural, one {# подію} few {# події} many {# подій} other {# події}}}} на цей час, події в архіві та події без ID контакту, що містять одну з адрес або ID вище',
  'erasure.goes.addresses': 'адреси, ID клієнта та записи про доставку',
  'erasure.goes.items': 'записи карантину, у яких згадано контакт',
  'erasure.goes.late': 'події до цього моменту, які ще в дорозі або надійдуть повторно',
  'erasure.stays': 'Залишиться',
  'erasure.stays.totals':
    'знеособлені підсумки: скільки повідомлень надіслано, доставлено, прочитано тощо',
  'erasure.stays.others': 'інші контакти, зокрема з такою самою адресою',
  'erasure.stays.yespo': 'контакт у Yespo: там нічого не зміниться',
  'erasure.future':
    'Події, що стануться відтепер, знову зберігатимуться. Щоб цього не було, спершу видаліть контакт у Yespo.',
  'erasure.keep': 'Залишити цей контакт у списку заборон',
  'erasure.keep.note':
    'Якщо була остаточна відмова, скарга на спам чи відписка, адреса залишиться у списку заборон, щоб на неї більше не писали. Позначте це, лише якщо закон дозволяє вам її зберігати; інакше її теж буде стерто.',
  'erasure.word': 'стерти',
  'erasure.confirm': 'Щоб підтвердити, введіть слово «{word}»:',
  'erasure.wrongWord': 'Нічого не стерто: щоб підтвердити, введіть слово «{word}».',
  'erasure.button': 'Стерти назавжди',

  'erasure.list': 'Стирання даних',
  'erasure.none': 'Ще нічиїх даних не стирали.',
  'erasure.noOlder': 'Давніших стирань немає.',
  'erasure.older': 'Давніші',
  'erasure.row':
    '<link>Стирання {number}</link>, запит {time}: {state, select, finished {завершено} other {триває}}',
  'erasure.anonymous': 'Хто це був, не зберігається. Час указано {zone}.',
  'erasure.one': 'Стирання {number}',
  'erasure.notFound': 'Стирання з таким номером немає.',
  'erasure.finished':
    'Завершено {time}, запит {requested}. Події, що сталися до запиту, більше не зберігаються; пізніші — зберігаються.',
  'erasure.running':
    'Триває, запит {requested}. Усе завершиться саме у фоні, робити нічого не потрібно. Події, що сталися до запиту, вже не зберігаються.',
  'erasure.requestedAt': 'Запит',
  'erasure.finishedAt': 'Завершено',
  'erasure.refresh': 'Оновити',
  'erasure.erased': 'Стерто',
  'erasure.erasedSoFar': 'Стерто на цей час',
  'erasure.activity': 'Події',
  'erasure.archived': 'Події в архіві',
  'erasure.identifiers': 'Адреси й ID',
  'erasure.suppressions': 'Записи у списку заборон',
  'erasure.quarantineParts': 'Записи карантину',
  'erasure.proof': 'Номер підтвердження',
  'erasure.proof.note':
    'Хто це був, не зберігається. Збережіть цей номер: він підтверджує, що дані стерто. Час указано {zone}.',
  'erasure.all': 'Усі стирання',

  'erasure.check': 'Чи нічого не залишилося?',
  'erasure.check.help':
    'Шукає в усьому, що зберігається, дані людей, яких стерто. Нічого не змінює.',
  'erasure.check.start': 'Перевірити',
  'erasure.check.again': 'Перевірити ще раз',
  'erasure.check.continue': 'Продовжити',
  'erasure.searched':
    '{contacts, plural, one {# контакт} few {# контакти} many {# контактів} other {# контакту}}, активність {engagement, plural, one {# контакту} few {# контактів} many {# контактів} other {# контакту}}, {eventsWithoutContact, plural, one {# подію} few {# події} many {# подій} other {# події}} без контакту, {suppressions, plural, one {# заборону} few {# заборони} many {# заборон} other {# заборони}}, {quarantinedItems, plural, one {# запис карантину} few {# записи карантину} many {# записів карантину} other {# запису карантину}}, {archivedEvents, plural, one {# подію в архіві} few {# події в архіві} many {# подій в архіві} other {# події в архіві}}',
  'erasure.check.soFar': 'Поки перевірено: {list}.',
  'erasure.check.clean': 'Від стертих людей нічого не залишилося. Перевірено: {list}.',
  'erasure.check.left':
    'Від стертих людей {count, plural, one {залишився # запис} few {залишилися # записи} many {залишилося # записів} other {залишилося # запису}}. Перевірено: {list}.',
  'erasure.check.left.help':
    'Так буває після відновлення бази даних. Повторіть стирання: POST /erasures/again в API або npm run erase-again.',
  'erasure.check.running':
    '{count, plural, one {# стирання ще триває} few {# стирання ще тривають} many {# стирань ще триває} other {# стирання ще триває}}: може знайтися те, що вони ще видалять.',
}
