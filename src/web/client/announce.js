// Tells whoever cannot see that something has changed.
export function announce(text) {
  const place = document.getElementById('announcement')
  if (place) place.textContent = text
}
