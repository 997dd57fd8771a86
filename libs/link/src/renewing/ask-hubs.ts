import { status } from '@grpc/grpc-js';
import type { ClientUnaryCall, ServiceError } from '@grpc/grpc-js';
import { FaultError } from '@meridian/runtime';
import type { FaultCode } from '@meridian/runtime';
import { plainText } from '@meridian/wire';

/** One call to one hub: starts it, and gives back how it is cancelled. */
export type HubCall<Answer> = (
  url: string,
  deadline: Date,
  done: (error: ServiceError | null, answer: Answer) => void,
) => { readonly call: ClientUnaryCall; readonly close: () => void };

const patienceMs = 10_000;

/** What a hub's refusal means here; what is not named may work at another hub, or later. */
const codes: Readonly<Partial<Record<status, FaultCode>>> = {
  [status.UNIMPLEMENTED]: 'unsupported',
  [status.PERMISSION_DENIED]: 'denied',
  [status.UNAUTHENTICATED]: 'denied',
  [status.RESOURCE_EXHAUSTED]: 'exhausted',
};

/**
 * Asks one hub after another until one answers. Throws the FaultError of the last that spoke, or of the last at all: a hub that is
 * away says less than one that refuses. Ends at once when the signal aborts.
 */
export async function askHubs<Answer>(
  urls: readonly string[],
  start: HubCall<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  let worst = new FaultError('unavailable', 'no hub is known', { retry: 'later' });
  for (const url of urls) {
    signal.throwIfAborted();
    try {
      return await askOne(url, start, signal);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      if (error.code !== 'unavailable' || worst.code === 'unavailable') worst = error;
    }
  }
  throw worst;
}

function askOne<Answer>(url: string, start: HubCall<Answer>, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // A deadline of the call alone, on the clock of the machine; nothing is compared with it.
  const { call, close } = start(url, new Date(Date.now() + patienceMs), (error, answer) =>
    error ? reject(faultOf(url, error)) : resolve(answer),
  );
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  return promise.finally(() => {
    signal.removeEventListener('abort', cancel);
    close();
  });
}

function faultOf(url: string, { code, details, message }: ServiceError): FaultError {
  const said = plainText(details === '' ? message : details, 300);
  return new FaultError(codes[code] ?? 'unavailable', `${url}: ${said}`, { retry: 'later' });
}
