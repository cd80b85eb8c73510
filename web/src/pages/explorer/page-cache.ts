// A long list of which only pages are held: those that are looked at, their neighbours, the last few before, and one that is pinned.
export interface LoadedPage<T> {
  /** How many there are in all. */
  count: number;
  items: readonly T[];
}

export type LoadPage<T> = (page: number, signal: AbortSignal) => Promise<LoadedPage<T>>;

export class PageCache<T> {
  private pages = new Map<number, readonly T[]>();
  private asked = new Map<number, AbortController>();
  private looked: [number, number] = [0, 0];
  private pinned: number | null = null;
  private total: number | null = null;
  failure: unknown = null;

  /** `older`: the same list before the project changed; it stands in until the new pages are there. */
  constructor(
    private readonly load: LoadPage<T>,
    private readonly changed: () => void,
    readonly pageSize: number,
    private readonly most = 40,
    private older: PageCache<T> | null = null,
  ) {
    if (older) older.older = null;
  }

  /** How many items the whole list has; null: not known yet. */
  get count(): number | null {
    return this.total ?? this.older?.count ?? null;
  }

  get held(): number {
    return this.pages.size;
  }

  at(index: number): T | undefined {
    const page = this.pages.get(Math.floor(index / this.pageSize));
    return page ? page[index % this.pageSize] : this.older?.at(index);
  }

  /** Say which items are looked at. What is not near them any more is not waited for. */
  want(first: number, last: number): void {
    const from = Math.floor(Math.max(0, first) / this.pageSize);
    const to = Math.floor(Math.max(0, last) / this.pageSize);
    this.looked = [from, to];
    for (const [page, abort] of this.asked)
      if (page !== this.pinned && (page < from - 1 || page > to + 1)) {
        abort.abort();
        this.asked.delete(page);
      }
    for (let page = from; page <= to; page++) this.ask(page);
    if (this.complete(from, to)) this.askNeighbours();
    this.trim();
  }

  /** Hold the page of this item until another one is pinned, wherever else is looked. */
  pin(index: number): void {
    this.pinned = Math.floor(Math.max(0, index) / this.pageSize);
    this.ask(this.pinned);
  }

  retry(): void {
    this.failure = null;
    this.want(this.looked[0] * this.pageSize, this.looked[1] * this.pageSize);
  }

  /** Items first … last, loaded where they are not held. */
  async collect(first: number, last: number, signal: AbortSignal): Promise<T[]> {
    const out: T[] = [];
    for (let page = Math.floor(first / this.pageSize); page * this.pageSize <= last; page++) {
      const items = this.pages.get(page) ?? (await this.load(page, signal)).items;
      const start = page * this.pageSize;
      out.push(...items.slice(Math.max(0, first - start), last + 1 - start));
    }
    return out;
  }

  /** Nothing is waited for any more; what is held stays. */
  close(): void {
    for (const abort of this.asked.values()) abort.abort();
    this.asked.clear();
  }

  private exists(page: number): boolean {
    return page >= 0 && (page === 0 || this.total === null || page * this.pageSize < this.total);
  }

  private complete(from: number, to: number): boolean {
    for (let page = from; page <= to; page++) if (this.exists(page) && !this.pages.has(page)) return false;
    return true;
  }

  private askNeighbours(): void {
    this.ask(this.looked[1] + 1);
    this.ask(this.looked[0] - 1);
  }

  private ask(page: number): void {
    if (!this.exists(page)) return;
    const held = this.pages.get(page);
    if (held) {
      // The most recently wanted are last: the oldest are given up first.
      this.pages.delete(page);
      this.pages.set(page, held);
      return;
    }
    if (this.asked.has(page) || this.failure) return;
    const abort = new AbortController();
    this.asked.set(page, abort);
    this.load(page, abort.signal).then(
      (loaded) => this.take(page, abort, loaded),
      (reason: unknown) => {
        if (abort.signal.aborted) return;
        this.asked.delete(page);
        this.failure = reason;
        this.changed();
      },
    );
  }

  private take(page: number, abort: AbortController, loaded: LoadedPage<T>): void {
    if (abort.signal.aborted) return;
    this.asked.delete(page);
    this.total = loaded.count;
    this.pages.set(page, loaded.items);
    if (this.complete(...this.looked)) {
      this.older = null;
      this.askNeighbours();
    }
    this.trim();
    this.changed();
  }

  private trim(): void {
    const [from, to] = this.looked;
    for (const page of this.pages.keys()) {
      if (this.pages.size <= this.most) return;
      if (page !== this.pinned && (page < from - 1 || page > to + 1)) this.pages.delete(page);
    }
  }
}
