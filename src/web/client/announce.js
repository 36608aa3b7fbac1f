// Tells users of screen readers that something has changed.
export function announce(text) {
  const element = document.getElementById('announcement')
  if (element) element.textContent = text
}
