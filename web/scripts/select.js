// Row selection: marks rows, counts them in the bulk bar, selects a range with Shift. Works on
// rows that htmx brings later, because it listens on the document.
const boxes = () => [...document.querySelectorAll('.cell-select input')];

let last = null;

function count() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  all.forEach((box) => box.closest('tr').classList.toggle('selected', box.checked));
  const place = document.querySelector('[data-bulk-count]');
  if (!place) return;
  place.textContent = chosen.length
    ? place.dataset.some.replace('#', chosen.length)
    : place.dataset.none;
  const bar = place.closest('[data-bulk]');
  bar.classList.toggle('bulk-active', chosen.length > 0);
  const every = bar.querySelector('[data-bulk-all]');
  every.hidden = chosen.length === all.length;
}

export function watchSelection() {
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-bulk-all]')) {
      boxes().forEach((box) => { box.checked = true; });
      count();
      return;
    }
    if (!event.target.matches('.cell-select input')) return;
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((box) => { box.checked = event.target.checked; });
    }
    last = event.target;
    count();
  });
  document.addEventListener('htmx:afterSettle', count);
  addEventListener('pageshow', count);
  count();
}
