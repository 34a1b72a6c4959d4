// The notification socket, with a memory: what was heard can be waited for afterwards.

import WebSocket from 'ws';

export class Socket {
  static async open(uri) {
    const socket = new WebSocket(uri);
    const heard = new Socket(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return heard;
  }

  constructor(socket) {
    this.socket = socket;
    this.envelopes = [];
    this.waiting = new Set();
    socket.on('message', (data) => {
      this.envelopes.push(JSON.parse(data.toString()));
      for (const look of [...this.waiting]) look();
    });
  }

  /** The first event, heard already or still to come, whose topic ends so and whose body fits. */
  waitFor(topicEnd, fits = () => true, milliseconds = 30_000) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(look);
        const topics = this.envelopes.map((each) => each.topicName);
        reject(new Error(`no such event on ${topicEnd}; heard ${topics.join(', ') || 'nothing'}`));
      }, milliseconds);
      const look = () => {
        const found = this.envelopes.find((each) => each.topicName.endsWith(topicEnd) && fits(each.eventBody));
        if (!found) return;
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }

  send(body) {
    this.socket.send(JSON.stringify(body));
  }

  close() {
    this.socket.terminate();
  }
}
