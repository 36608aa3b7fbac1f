import { CAMPAIGN_COLUMNS, quote } from '../columns.ts'

const COLUMNS = CAMPAIGN_COLUMNS.map(quote)

/** Gives each campaign that is new its row. Binds ?1, the JSON of a list of keys: see `StoredRows`. */
export const INSERT_CAMPAIGNS = `
  INSERT INTO campaigns (key, ${COLUMNS.join(', ')})
  SELECT given.value, ${COLUMNS.map((_, place) => `given.value ->> ${place}`).join(', ')}
  FROM json_each(?1) AS given
  WHERE true
  ON CONFLICT (key) DO NOTHING`
