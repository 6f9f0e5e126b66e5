/**
 * A link that became so thin that the picture starves the voice: this page gives way at once. The console decides, but on such
 * a link its word needs seconds to get here.
 */
const STARVED_BITS_PER_S = 60_000;
const FED_BITS_PER_S = 150_000;
/** So many reports, one a second, before the picture is tried again. */
const FED_REPORTS = 4;
/** A connection that has just begun does not know the link yet, and a step that the console has chosen gets a chance. */
const YOUNG_REPORTS = 4;

export class Starving {
  constructor() {
    /** Whether the picture has given way. */
    this.on = false;
    this.reports = 0;
    this.fed = 0;
  }

  /** The console has decided. */
  end() {
    this.on = false;
    this.fed = this.reports = 0;
  }

  /**
   * @param {number} estimate_bps what the browser believes that the link takes, 0 = not known
   * @returns {boolean} whether `on` changed
   */
  take(estimate_bps) {
    this.reports += 1;
    if ((!estimate_bps && !this.on) || this.reports <= YOUNG_REPORTS) return false;
    this.fed = !estimate_bps || estimate_bps >= FED_BITS_PER_S ? this.fed + 1 : 0; // nothing known: it is tried again
    const on = this.on ? this.fed < FED_REPORTS : estimate_bps < STARVED_BITS_PER_S;
    const changed = on !== this.on;
    this.on = on;
    return changed;
  }
}
