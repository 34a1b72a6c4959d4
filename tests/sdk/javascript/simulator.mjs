// One local Genesys Cloud for a test: starts `earshot-simulator`, speaks its control API, and stops it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const binary =
  process.env.EARSHOT_SIMULATOR ?? fileURLToPath(new URL('../../../target/debug/earshot-simulator', import.meta.url));

export const PUBLIC_CLIENT = '0a7b1c52-5d7e-4c1a-9a55-ea25b0700001';
export const REDIRECT = 'http://localhost:8085/callback';

export class Simulator {
  static async start(...args) {
    const folder = await mkdtemp(join(tmpdir(), 'earshot-simulator-'));
    const tokenFile = join(folder, 'token');
    const child = spawn(binary, ['--port', '0', '--print-ready', '--control-token-file', tokenFile, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the simulator ended at once, with ${code}`);
      }),
    ]);
    const token = (await readFile(tokenFile, 'utf8')).split('\n')[0].trim();
    return new Simulator(child, folder, JSON.parse(line).base_url, token);
  }

  constructor(child, folder, baseUrl, token) {
    this.child = child;
    this.folder = folder;
    this.baseUrl = baseUrl;
    this.token = token;
  }

  async stop() {
    if (this.child.exitCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  async ask(method, path, body) {
    const answer = await fetch(`${this.baseUrl}/_simulator/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`control API: ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  do(command, body = {}) {
    return this.ask('POST', command, body);
  }

  offer(medium, body = {}) {
    return this.do('offer', { medium, ...body });
  }
}
