// Queues and lists: what form pages have, and rows by keyboard and selection.
import './form.js';
import { listenKeys } from './keys.js';
import { watchSelection } from './select.js';

listenKeys();
watchSelection();
