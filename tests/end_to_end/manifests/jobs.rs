//! What runs once or on a timer.

use super::{
    objects::pick,
    rendering::{named, systems},
    workload::is_sidecar,
};

#[test]
fn the_redeemer_never_runs_twice_at_a_time_and_is_not_made_up_for() {
    for rendering in systems() {
        let timers = rendering.of_kind(pick!(CronJob));
        let [redeemer] = timers.as_slice() else { panic!("{} has one timer", rendering.name) };
        let spec = redeemer.spec.as_ref().expect("it has a spec");
        assert_eq!(spec.concurrency_policy.as_deref(), Some("Forbid"));
        assert!(spec.starting_deadline_seconds.is_some());
        let job = spec.job_template.spec.as_ref().expect("it has a job");
        assert!(job.ttl_seconds_after_finished.is_none(), "the limits of its history delete its jobs");
        assert!(job.active_deadline_seconds.is_some());
        let container = &job.template.spec.as_ref().expect("it has a pod").containers[0];
        assert_eq!(container.args.as_deref(), Some(["redeem".to_owned()].as_slice()));
    }
}

#[test]
fn the_drain_is_a_work_queue_of_three_with_a_recogniser_beside_each() {
    let jobs = named("drain").of_kind(pick!(Job));
    let [job] = jobs.as_slice() else { panic!("there is one job") };
    let spec = job.spec.as_ref().expect("it has a spec");
    assert_eq!((spec.parallelism, spec.completions), (Some(3), None));
    assert!(spec.ttl_seconds_after_finished.is_some());
    assert!(spec.active_deadline_seconds.is_some(), "a sidecar that never starts fails no pod");

    let pod = spec.template.spec.as_ref().expect("it has a pod");
    assert!(["Never", "OnFailure"].contains(&pod.restart_policy.as_deref().unwrap_or_default()));
    let [drain] = pod.containers.as_slice() else { panic!("one container ends the pod") };
    assert_eq!(drain.args.as_deref(), Some(["drain".to_owned()].as_slice()));
    let [recogniser] = pod.init_containers.as_deref().unwrap_or_default() else { panic!("one sidecar") };
    assert!(is_sidecar(recogniser) && recogniser.startup_probe.is_some());
    assert_ne!(drain.image, recogniser.image);
}
