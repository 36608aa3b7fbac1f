import { expect, it } from 'vitest'
import { toScriptJson } from '../../src/web/document.tsx'

it('writes texts for scripts that end no element', () => {
  const texts = { back: '</script><script>alert(1)</script>', newer: '<!--<script>' }
  const json = toScriptJson(texts)
  expect(json).not.toContain('<')
  expect(JSON.parse(json)).toEqual(texts)
})
