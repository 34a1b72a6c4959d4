// Close, refresh, reconnect: five seconds after every close it renews its token and opens the address it remembers.

import WebSocket from 'ws';
import { pause, renew, subscribe, tell } from './genesys.mjs';

const address = await subscribe(await renew());

function connect() {
  const socket = new WebSocket(address);
  socket.on('message', tell);
  socket.on('error', (error) => console.error(error.message));
  socket.on('close', async () => {
    await pause(5);
    await renew().catch((error) => console.error(error.message));
    connect();
  });
}

connect();
