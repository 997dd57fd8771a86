import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';

// Loaded into an agent process before anything else (`node --import`): kills it at a certain write to the API server, before
// the write is sent or when its answer has begun to come, as its own URL says: `?at=3&when=answered`.
const { searchParams } = new URL(import.meta.url);
const left = { writes: Number(searchParams.get('at') ?? Infinity) };
const isAnswered = searchParams.get('when') === 'answered';

const die = (): void => void process.kill(process.pid, 'SIGKILL');

const { request } = https;

function counted(...given: Parameters<typeof request>): ReturnType<typeof request> {
  const [options] = given;
  const isWrite = typeof options === 'object' && 'method' in options && options.method !== 'GET';
  if (isWrite) left.writes -= 1;
  const isLast = isWrite && left.writes === -1;
  if (isLast && !isAnswered) die();
  const sent = request(...given);
  if (isLast) sent.once('response', die);
  return sent;
}

Object.assign(https, { request: counted });
syncBuiltinESMExports();
