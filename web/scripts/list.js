// Queues and lists: what form pages have, and rows by keyboard and selection.
import './form.js';
import { listenKeys } from './keys.js';
import { tellWhenLost } from './lost.js';
import { watchSelection } from './select.js';

listenKeys();
watchSelection();
tellWhenLost();
