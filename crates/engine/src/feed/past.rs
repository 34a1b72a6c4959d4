//! What analytics tell of a gap, brought to the desk: the offers of this agent's that came and went in it.

use earshot_genesys::error::ApiError;
use earshot_genesys::wire::ConversationDetails;

use super::lookback::reach;
use super::{Feed, Output, settle};
use crate::desk::past::past_sighting;
use crate::event::GapRecord;
use crate::moment::Moment;

impl Feed {
    pub(super) fn looked_back(
        &mut self,
        ask: u64,
        result: Result<ConversationDetails, ApiError>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        let outcome = self.lookback.answered(ask, result, now);
        if let Some((details, gap, why)) = outcome.found {
            self.past(&details, &gap, &why, now, out);
        }
        for gap in outcome.settled {
            settle(gap, now, out);
        }
    }

    fn past(&mut self, details: &ConversationDetails, gap: &GapRecord, why: &str, now: Moment, out: &mut Vec<Output>) {
        let Some(me) = self.me.clone() else { return };
        for detail in details.conversations.iter().filter(|detail| !detail.conversation_id.is_empty()) {
            let Some((sighting, going_on)) = past_sighting(detail, &me, reach(gap.from), gap.to) else { continue };
            if going_on {
                // It may alert at this moment: one look tells.
                if let Some(leg) = sighting.legs.last() {
                    self.absence.doubt(&sighting.conversation, leg.medium, now.mono);
                }
            } else {
                out.push(Output::Past { sighting, gap: gap.from, why: why.to_owned() });
            }
        }
    }
}
