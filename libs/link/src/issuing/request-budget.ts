/** How many requests one asker may make at once, and how long each of them takes to be forgotten. */
export interface BudgetLimits {
  readonly burst: number;
  readonly refillMs: number;
  /** Askers that are remembered; beyond them the ones that asked longest ago are forgotten. */
  readonly askers: number;
}

/** Requests of each asker, counted; its memory has a bound whoever asks. */
export class RequestBudget {
  private readonly limits: BudgetLimits;
  /** When the requests of an asker will be forgotten; the one that asked last is last. */
  private readonly freeAtMs = new Map<string, number>();

  constructor(limits: BudgetLimits) {
    this.limits = limits;
  }

  /** Whether this asker may make another request now; counts it when it may. */
  spend(asker: string, nowMs: number): boolean {
    const { burst, refillMs, askers } = this.limits;
    const freeAtMs = Math.max(this.freeAtMs.get(asker) ?? 0, nowMs) + refillMs;
    if (freeAtMs > nowMs + burst * refillMs) return false;
    this.freeAtMs.delete(asker);
    this.freeAtMs.set(asker, freeAtMs);
    for (const oldest of this.freeAtMs.keys()) {
      if (this.freeAtMs.size <= askers) break;
      this.freeAtMs.delete(oldest);
    }
    return true;
  }
}
