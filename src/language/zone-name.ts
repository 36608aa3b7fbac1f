import type { Language } from './languages.ts'
import { textOf } from './messages.ts'

/**
 * Current names of cities that browsers and runtimes know by an earlier name: Unicode keeps the first name of a zone,
 * the IANA database renames it. https://unicode.org/reports/tr35/#Time_Zone_Identifiers,
 * https://data.iana.org/time-zones/tzdb/backward
 */
export const RENAMED: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Godthab': 'America/Nuuk',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
}

/** The name of a zone's time: `Kyiv time`, or `UTC`. @param zone an IANA name */
export function nameZone(zone: string, language: Language = 'en'): string {
  if (/^(Etc\/)?(UTC|UCT|GMT|Zulu|Universal|Greenwich)$/i.test(zone)) return 'UTC'
  if (/^[+-]\d/.test(zone)) return `UTC${zone}`
  // Zones without a city: CET, Etc/GMT-3.
  if (!zone.includes('/') || zone.startsWith('Etc/')) return zone
  const city = (RENAMED[zone] ?? zone).split('/').at(-1) ?? zone
  return textOf(language, 'zone', { city: city.replaceAll('_', ' ') })
}
