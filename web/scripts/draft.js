// Keeps what is typed: in this tab a moment after typing stops, and, where the form has a place
// for it, on the server when the reader rests or leaves the page.
import { giveBack, hold, release, typed } from './held.js';

const MOMENT = 1200;
const REST = 5 * 1000;
const LONGEST = 5 * 60 * 1000;
const PATIENCE = 8 * 1000; // of a submit that waits for a draft on its way

const clock = () => new Date().toTimeString().slice(0, 5).replace(':', '.');

// fields gives what the server is sent: everything but files.
const fields = (form) => new URLSearchParams(
  [...new FormData(form)].filter(([, v]) => typeof v === 'string'),
);

export function keepTyped(form) {
  const place = form.querySelector('[data-draft-state]');
  const before = typed(form);
  const state = { say: (words) => { place.textContent = words; }, words: place.dataset, saved: JSON.stringify(before), sent: false };
  state.changed = () => JSON.stringify(typed(form)) !== state.saved;
  const restored = giveBack(form);
  if (restored) {
    state.say(state.words.restored);
    const folded = form.closest('details');
    if (folded) folded.open = true; // or it would be given back behind a title
  }
  const server = form.dataset.draft ? keepOnServer(form, state, restored) : null;

  let moment = 0;
  form.addEventListener('input', () => {
    clearTimeout(moment);
    moment = setTimeout(() => hold(form, before, false), MOMENT);
  });
  form.addEventListener('submit', (event) => {
    clearTimeout(moment);
    if (server && server.onItsWay()) {
      event.preventDefault(); // or this form would come second, and seem to be changed elsewhere
      server.settled().then(() => form.requestSubmit(event.submitter));
      return;
    }
    state.sent = true;
    hold(form, before, true);
  });
  addEventListener('pageshow', () => { state.sent = false; });
  addEventListener('beforeunload', (event) => {
    if (state.sent || !state.changed()) return;
    event.preventDefault();
    event.returnValue = '';
  });
}

function keepOnServer(form, state, restored) {
  let timer = 0;
  let wait = REST;
  let under = null; // the draft on its way

  const send = async (stop) => {
    const now = JSON.stringify(typed(form));
    try {
      const answer = await fetch(form.dataset.draft, {
        method: 'POST', body: fields(form), headers: { 'X-Draft': '1' }, credentials: 'same-origin', keepalive: true, signal: stop.signal,
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      arrived(form, answer);
      state.saved = now;
      wait = REST;
      state.say(state.words.saved.replace('#', clock()));
    } catch (_) {
      wait = Math.min(wait * 2, LONGEST);
      state.say(state.words.unsent);
      timer = setTimeout(save, wait);
    }
    under = null;
  };
  const save = () => {
    clearTimeout(timer);
    if (under || state.sent || !state.changed()) return;
    const stop = new AbortController();
    under = { stop, done: send(stop) };
  };
  const soon = () => {
    clearTimeout(timer);
    wait = REST;
    timer = setTimeout(save, wait);
  };
  form.addEventListener('input', soon);
  addEventListener('online', save);
  addEventListener('visibilitychange', () => { if (document.hidden) save(); });
  if (restored) soon();
  return {
    onItsWay: () => Boolean(under),
    settled: () => {
      const { stop, done } = under;
      setTimeout(() => stop.abort(), PATIENCE);
      return done;
    },
  };
}

// arrived notes under which version and address the server keeps the form now.
function arrived(form, answer) {
  release(form);
  const version = form.querySelector('input[name=version]');
  const now = answer.headers.get('X-Draft-Version');
  if (version && now) version.value = now;
  const at = answer.headers.get('Content-Location');
  if (at) history.replaceState(history.state, '', at);
}
