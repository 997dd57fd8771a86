import type { ServerResponse } from 'node:http';
import { ApiError } from '../errors/api-error.ts';
import type { Fault, FaultOf } from './fault-rule.ts';
import type { MetFault } from './faults.ts';
import { Gate, tapResponse } from './response-tap.ts';
import type { Sink } from './response-tap.ts';

type WatchFault = FaultOf<'dropWatch' | 'silenceWatch' | 'failWatch'>;

/** Whether a fault happens to watches only. */
export function isWatchFault(fault: Fault): fault is WatchFault {
  return fault.kind === 'dropWatch' || fault.kind === 'silenceWatch' || fault.kind === 'failWatch';
}

/** Makes a watch meet a fault of watches, now or when its time has come. */
export function breakWatch(response: ServerResponse, met: MetFault, fault: WatchFault): void {
  tapResponse(response, (below) => {
    const { broken, breakNow } = breaking(response, below, { met, fault });
    return startingAt(response, { below, broken, fault, breakNow });
  });
}

/** A sink for what is sent after the fault began, and what to do when it begins. */
function breaking(
  response: ServerResponse,
  below: Sink,
  { met, fault }: { readonly met: MetFault; readonly fault: WatchFault },
): { broken: Sink; breakNow: () => void } {
  const nothing: Sink = { write: () => undefined, end: () => undefined };
  if (fault.kind === 'silenceWatch') {
    const gate = new Gate(below, () => response.socket?.destroy());
    const forget = met.onRemove(() => gate.open());
    response.once('close', forget);
    return { broken: gate, breakNow: () => gate.shut() };
  }
  if (fault.kind === 'failWatch') {
    const breakNow = () => {
      below.write(Buffer.from(`${JSON.stringify({ type: 'ERROR', object: statusOf(fault) })}\n`));
      below.end();
    };
    return { broken: nothing, breakNow };
  }
  const breakNow = () => {
    if (fault.how === 'end') below.end();
    else response.socket?.destroy();
  };
  return { broken: nothing, breakNow };
}

/** Passes on what comes until the fault begins. Each write is an event. */
function startingAt(
  response: ServerResponse,
  {
    below,
    broken,
    fault,
    breakNow,
  }: {
    readonly below: Sink;
    readonly broken: Sink;
    readonly fault: WatchFault;
    readonly breakNow: () => void;
  },
): Sink {
  let begun = false;
  let events = 0;
  const begin = () => {
    if (begun || response.writableEnded) return;
    begun = true;
    breakNow();
  };
  const { afterMs, afterEvents } = fault;
  if (afterMs !== undefined) {
    const timer = setTimeout(begin, afterMs);
    response.once('close', () => clearTimeout(timer));
  } else if ((afterEvents ?? 0) === 0) {
    // A new watch has still to send its head.
    setImmediate(begin);
    if (fault.kind === 'silenceWatch') begin();
  }
  return {
    write(chunk) {
      (begun ? broken : below).write(chunk);
      events += 1;
      if (afterEvents !== undefined && events >= afterEvents) begin();
    },
    end: () => (begun ? broken : below).end(),
  };
}

function statusOf({ code = 410, reason, message }: FaultOf<'failWatch'>) {
  const told = reason ?? (code === 410 ? 'Expired' : 'InternalError');
  return new ApiError(message ?? 'too old resource version: 1 (2)', { code, reason: told }).status;
}
