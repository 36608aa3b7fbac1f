/** What stops a list from renewing itself, and tells of it; useless, so hidden, without the script. */
export function LiveControls({ list }: { list: string }) {
  return (
    <div class="bar">
      <button type="button" aria-pressed="false" data-pause={list} hidden>
        Pause
      </button>
      <p id="announcement" role="status" class="unseen"></p>
    </div>
  )
}

/** What is told while a list renews itself. @param here the address of its page */
export function LiveNotices({ here }: { here: string }) {
  return (
    <div class="notices">
      <p id="stale" class="note bad" hidden>
        The receiver does not answer; trying again.
      </p>
      <p id="newest" class="note" hidden>
        There are newer events. <a href={here}>Show them</a>
      </p>
    </div>
  )
}
