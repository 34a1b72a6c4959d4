//! What is found out about a gap beside its re-list: what analytics tell, brought to the desk, and what REST says word for
//! word, brought to the record.

use earshot_genesys::error::ApiError;
use earshot_genesys::recovery::Source;
use earshot_genesys::wire::ConversationDetails;

use super::gap::Gap;
use super::lookback::{Found, end, reach};
use super::{Feed, Output, Reading, Said, Whose};
use crate::desk::past::past_sighting;
use crate::moment::Moment;

impl Feed {
    /// What a look's question brought, for the record.
    pub(super) fn said(&mut self, look: u64, said: &[Said], out: &mut Vec<Output>) {
        let Some(current) = self.look.as_ref().filter(|current| current.id == look) else { return };
        let (list, me) = (current.list_asked, current.me_asked);
        let mut recovered = 0;
        for said in said {
            let asked = if said.source == Source::User { me } else { list };
            recovered += self.recover.said(said, asked, &mut self.ordered, out);
        }
        self.count(recovered);
    }

    /// A reading for the record was answered.
    pub(super) fn read(
        &mut self,
        ask: u64,
        reading: &Reading,
        result: Result<Vec<Said>, ApiError>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        match self.recover.read((ask, reading), result, &mut self.ordered, now.mono, out) {
            Ok(recovered) => self.count(recovered),
            Err(error) => {
                let wait = Self::wait_for(&error, 1);
                self.hold(&error, wait, now);
            }
        }
    }

    fn count(&mut self, recovered: u32) {
        // What analytics led to belongs to the gap they were asked about.
        if let Some(gap) = self.gap.as_mut().or_else(|| self.lookback.at_hand()) {
            gap.events += recovered;
        }
    }

    pub(super) fn looked_back(
        &mut self,
        ask: u64,
        result: Result<ConversationDetails, ApiError>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        let outcome = self.lookback.answered(ask, result, now);
        if let Some(found) = outcome.found {
            self.past(&found, now, out);
        }
        self.settle_later(outcome.settled, out);
    }

    /// Nothing more is expected of these, once what was found in them has reached the desk.
    pub(super) fn settle_later(&mut self, gaps: Vec<Gap>, out: &mut Vec<Output>) {
        if !gaps.is_empty() {
            self.settling.extend(gaps);
            out.push(Output::Settle);
        }
    }

    fn past(&mut self, found: &Found, now: Moment, out: &mut Vec<Output>) {
        let Found { details, whose, gap, why, young } = found;
        for detail in details.conversations.iter().filter(|detail| !detail.conversation_id.is_empty()) {
            let began = detail.conversation_start.is_none_or(|at| at.as_millisecond() <= end(gap.to));
            let lasted = detail.conversation_end.is_none_or(|at| at.as_millisecond() >= reach(gap.from));
            let older = detail.conversation_start.is_none_or(|at| at.as_millisecond() < reach(gap.from));
            if began && lasted && !(*young && older) {
                self.recover.heard_of(&detail.conversation_id, whose, &self.ordered, now.mono);
            }
            let Some(me) = self.me.as_deref() else { continue };
            if *whose != Whose::User(me.to_owned()) {
                continue;
            }
            let Some((sighting, going_on)) = past_sighting(detail, me, reach(gap.from), end(gap.to)) else { continue };
            if going_on {
                // It may alert at this moment: one look tells.
                if let Some(leg) = sighting.legs.last() {
                    self.absence.doubt(&sighting.conversation, leg.medium, now.mono);
                }
            } else {
                out.push(Output::Past { sighting, gap: gap.from, why: why.clone() });
            }
        }
    }
}
