// As above, but better: it waits 2 s, 4 s, 8 s … 90 s (without chance in it, and from the start again once it is
// connected), makes a new channel each time, and closes a socket that has said nothing for 35 s.

import WebSocket from 'ws';
import { pause, renew, subscribe, tell } from './genesys.mjs';

let wait = 2;

async function connect() {
  try {
    const socket = new WebSocket(await subscribe(await renew()));
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => socket.terminate(), 35_000);
    };
    socket.on('open', () => {
      wait = 2;
      heard();
    });
    socket.on('message', (data) => {
      heard();
      tell(data);
    });
    socket.on('error', (error) => console.error(error.message));
    socket.on('close', () => {
      clearTimeout(silence);
      again();
    });
  } catch (error) {
    console.error(error.message);
    again();
  }
}

async function again() {
  const now = wait;
  wait = Math.min(wait * 2, 90);
  await pause(now);
  connect();
}

connect();
