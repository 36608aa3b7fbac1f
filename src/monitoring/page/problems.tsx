/** Says on another page that something is not as it should be. */
export function ProblemsNote({ problems }: { problems: number }) {
  if (problems === 0) return null
  return (
    <p class="note bad">
      {problems === 1 ? '1 thing needs' : `${problems} things need`} your attention.{' '}
      <a href="/status">See what to do</a>
    </p>
  )
}
