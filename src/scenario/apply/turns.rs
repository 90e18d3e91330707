//! Turns into a new link, where movements of the links before it are written down.

use super::super::Scenario;
use super::super::control::{MovementRow, PhaseMovementRow};
use super::super::tables::LinkRow;

/// Allows turns into a new link from every link that has an allowed movement at its first node; else nobody could enter
/// it. They use the lanes and the greens of the through movement of that link, or of its first one where none is through.
pub(super) fn open_into(changed: &mut Scenario, new: &LinkRow) {
    let control = &mut changed.control;
    let mut models: Vec<MovementRow> = Vec::new();
    for row in control.movements.iter().filter(|m| m.node_id == new.from_node_id && m.is_allowed()) {
        match models.iter_mut().find(|model| model.ib_link_id == row.ib_link_id) {
            None => models.push(row.clone()),
            Some(model) if row.thru && !model.thru => *model = row.clone(),
            Some(_) => {}
        }
    }
    for model in models {
        let mvmt_id = format!("{}:{}", model.mvmt_id, new.link_id);
        let same = |row: &&PhaseMovementRow| row.mvmt_id.as_deref() == Some(model.mvmt_id.as_str());
        let phases: Vec<PhaseMovementRow> = (control.phase_movements.iter().filter(same))
            .map(|row| PhaseMovementRow { mvmt_id: Some(mvmt_id.clone()), row: 0, phase: row.phase.clone() })
            .collect();
        control.phase_movements.extend(phases);
        control.movements.push(MovementRow {
            mvmt_id,
            ob_link_id: new.link_id.clone(),
            thru: false,
            penalty_s: 0.0,
            capacity_pcu_h: None,
            row: 0,
            ..model
        });
    }
}
