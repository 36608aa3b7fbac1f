/** The texts of a catalogue in another language: the same keys, and nothing else. */
export type Translation<Texts> = { readonly [Key in keyof Texts]: string }
