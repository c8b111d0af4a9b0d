// htmx leaves the page as it is when an answer is an error, and says nothing. A reader must see
// it: an error is opened as a page, a lost connection is told where the list stands.
export function tellWhenLost() {
  document.addEventListener('htmx:responseError', (event) => {
    const asked = event.detail.requestConfig;
    if (asked.verb === 'get') location.assign(event.detail.pathInfo.finalRequestPath);
  });
  const tell = (words) => {
    const place = document.querySelector('[data-connection]');
    if (place) place.textContent = words ? place.dataset.connection : '';
  };
  document.addEventListener('htmx:sendError', () => tell(true));
  document.addEventListener('htmx:afterOnLoad', () => tell(false));
}
