/** A share as a bar. The page must have the number as text, too. @param share from 0 to 1 @param tone its colour */
export function ShareBar({ share, tone }: { share: number; tone: string }) {
  if (share === 0) return null
  const width = Math.min(100, Math.max(0.5, share * 100)).toFixed(1)
  return (
    <svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class={`fill-${tone}`} width={width} height="10" />
    </svg>
  )
}
