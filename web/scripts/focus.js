// An error summary or a changed region takes the focus, so that it is read first.
export function focusFirst() {
  const target = document.querySelector('[data-focus]');
  if (target) target.focus();
}
